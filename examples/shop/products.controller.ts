import { Controller, Get } from '@nestjs/common';
import { Public } from 'keyturn';
import { PRODUCTS, type Product } from './products.js';

@Controller('products')
export class ProductsController {
  @Public()
  @Get()
  list(): readonly Product[] {
    return PRODUCTS;
  }
}
