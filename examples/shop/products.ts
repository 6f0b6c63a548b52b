export interface Product {
  readonly id: string;
  readonly name: string;
  readonly price_cents: number;
}

export const PRODUCTS: readonly Product[] = [
  { id: 'teapot', name: 'Teapot, short and stout', price_cents: 4180 },
  { id: 'cup', name: 'Cup', price_cents: 950 },
  { id: 'tea', name: 'Tea, loose, 100 g', price_cents: 720 },
];

export const PRODUCT_IDS = PRODUCTS.map((product) => product.id);
