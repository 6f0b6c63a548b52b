import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import { ACCESS_METADATA, type Access } from '../routing/route-metadata.js';

/**
 * The guard lets everybody in and looks at no token. On a method or a class; the method outweighs the class.
 *
 * @example
 * ```ts
 * @Public()
 * @Get('products')
 * list() {}
 * ```
 */
export const Public = (): CustomDecorator => SetMetadata(ACCESS_METADATA, 'public' satisfies Access);

/**
 * Without a token the caller is anonymous (`@CurrentUser()` is undefined); a bad token is a 401 here as well.
 *
 * @example
 * ```ts
 * @OptionalAuth()
 * @Get('products')
 * list(@CurrentUser() user?: AccessTokenClaims) {}
 * ```
 */
export const OptionalAuth = (): CustomDecorator => SetMetadata(ACCESS_METADATA, 'optional' satisfies Access);

/**
 * Takes back a `@Public()` or `@OptionalAuth()` of the class for one method.
 *
 * @example
 * ```ts
 * @Public()
 * @Controller('products')
 * export class ProductsController {
 *   @Guarded()
 *   @Post()
 *   add() {}
 * }
 * ```
 */
export const Guarded = (): CustomDecorator => SetMetadata(ACCESS_METADATA, 'guarded' satisfies Access);
