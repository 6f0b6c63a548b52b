import { PassThrough, Readable } from 'node:stream';
import {
  ConflictException,
  Controller,
  Get,
  Header,
  HttpCode,
  HttpException,
  HttpStatus,
  Post,
  Redirect,
  Res,
  Sse,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import { concat, EMPTY, from, of, throwError } from 'rxjs';
import { OptionalAuth, Public, SlidingSession, SlidingSessionInterceptor } from '../../src/index.js';

/** What Express and Fastify both have on a response. */
interface PlainResponse {
  status(code: number): { send(body: string): void };
  raw?: PlainResponse;
  end?(body: string): void;
}

@Controller('cart')
export class CartController {
  @SlidingSession()
  @Post('items')
  add() {
    return { added: true };
  }

  @SlidingSession()
  @Get()
  view() {
    return { items: ['a teapot'] };
  }

  @Get('plain')
  plain() {
    return { items: [] };
  }

  @SlidingSession()
  @Post('conflict')
  conflict(): never {
    throw new ConflictException();
  }

  @SlidingSession()
  @Post('teapot')
  @HttpCode(HttpStatus.I_AM_A_TEAPOT)
  teapot() {
    return 'an error without an exception';
  }

  @SlidingSession()
  @Post('half')
  half() {
    return concat(
      of('a first value'),
      throwError(() => new HttpException('and then an error', 409)),
    );
  }

  @SlidingSession()
  @Post('nothing')
  @HttpCode(204)
  nothing() {}

  @SlidingSession()
  @Post('empty')
  empty() {
    return EMPTY;
  }

  @SlidingSession()
  @Get('public')
  @Header('Cache-Control', 'public, max-age=60')
  cacheable() {
    return { items: [] };
  }

  @SlidingSession()
  @Get('max-age')
  @Header('Cache-Control', 'max-age=60')
  alsoCacheable() {
    return { items: [] };
  }

  @SlidingSession()
  @Get('private')
  @Header('Cache-Control', 'private, max-age=60')
  ofOneUser() {
    return { items: [] };
  }

  @SlidingSession()
  @Get('file')
  file() {
    return new StreamableFile(Buffer.from('a file'));
  }

  @SlidingSession()
  @Get('stream')
  stream() {
    return new StreamableFile(Readable.from(['a ', 'stream']));
  }

  @SlidingSession()
  @Get('pipe')
  pipe() {
    return new PassThrough().end('a stream of Node');
  }

  @SlidingSession()
  @Get('web')
  web() {
    return new Response('an answer of fetch');
  }

  @SlidingSession()
  @Sse('events')
  events() {
    return from([{ data: 'one' }, { data: 'two' }]);
  }

  @SlidingSession()
  @Get('sent')
  sent(@Res() response: PlainResponse) {
    response.status(200).send('already sent');
  }

  @SlidingSession()
  @Get('moved')
  @Redirect('/cart/plain', 302)
  moved() {}

  @Public()
  @SlidingSession()
  @Get('open')
  open() {
    return 'for everybody';
  }

  @OptionalAuth()
  @SlidingSession()
  @Get('optional')
  optional() {
    return 'for everybody';
  }
}

@SlidingSession()
@Controller('drafts')
export class DraftsController {
  @Post()
  create() {
    return { created: true };
  }

  @SlidingSession()
  @Post('both')
  both() {
    return { created: true };
  }

  @UseInterceptors(SlidingSessionInterceptor)
  @Post('by-interceptor')
  byInterceptor() {
    return { created: true };
  }
}
