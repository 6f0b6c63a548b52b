import { Injectable } from '@nestjs/common';
import { PRODUCTS } from './products.js';

export interface Cart {
  readonly items: readonly { readonly product: string; readonly quantity: number }[];
  readonly total_cents: number;
}

/** Each user's cart; the sessions of one user share it. */
@Injectable()
export class CartService {
  private readonly quantities = new Map<string, Map<string, number>>();

  of(sub: string): Cart {
    const quantities = this.quantities.get(sub) ?? new Map<string, number>();
    return {
      items: [...quantities].map(([product, quantity]) => ({ product, quantity })),
      total_cents: PRODUCTS.reduce((sum, { id, price_cents }) => sum + price_cents * (quantities.get(id) ?? 0), 0),
    };
  }

  add(sub: string, product: string, quantity: number): Cart {
    const quantities = this.quantities.get(sub) ?? new Map<string, number>();
    this.quantities.set(sub, quantities.set(product, (quantities.get(product) ?? 0) + quantity));
    return this.of(sub);
  }

  remove(sub: string, product: string): Cart {
    this.quantities.get(sub)?.delete(product);
    return this.of(sub);
  }

  /** What was in the cart, which is empty now. */
  take(sub: string): Cart {
    const cart = this.of(sub);
    this.quantities.delete(sub);
    return cart;
  }
}
