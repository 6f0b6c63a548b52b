import { Body, Controller, Get, NotFoundException, Param, Put } from '@nestjs/common';
import { IsString, MaxLength } from 'class-validator';
import { CurrentUser, SlidingSession, type AuthUser } from 'keyturn';
import { PRODUCT_IDS } from './products.js';

export class DraftBody {
  @IsString()
  @MaxLength(2000)
  readonly text!: string;
}

export interface Draft {
  readonly product: string;
  readonly author: string;
  readonly text: string;
}

/** Reviews that are being written. All of it is work, so the class is marked: a long text must not end in a login. */
@SlidingSession()
@Controller('drafts')
export class DraftsController {
  private readonly drafts = new Map<string, Draft>();

  /** The draft as it was left, or a new one: opening it is where the writing starts. */
  @Get(':product')
  open(@CurrentUser() user: AuthUser, @Param('product') product: string): Draft {
    return this.drafts.get(keyOf(user, product)) ?? this.keep(user, product, '');
  }

  @Put(':product')
  write(@CurrentUser() user: AuthUser, @Param('product') product: string, @Body() { text }: DraftBody): Draft {
    return this.keep(user, product, text);
  }

  private keep(user: AuthUser, product: string, text: string): Draft {
    if (!PRODUCT_IDS.includes(product)) throw new NotFoundException(`There is no product ${product}.`);
    const draft = { product, author: user.name, text };
    this.drafts.set(keyOf(user, product), draft);
    return draft;
  }
}

const keyOf = ({ sub }: AuthUser, product: string): string => `${sub}/${product}`;
