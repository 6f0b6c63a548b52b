import {
  applyDecorators,
  Inject,
  Injectable,
  SetMetadata,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthError, currentUser, type AuthUser } from '../index.js';

const ROLE = 'keyturn:service-role';

/** Lets in who has the role that {@link RequireRole} names. Runs after the global guard, which knows the caller. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): true {
    const role = this.reflector.getAllAndOverride<string>(ROLE, [context.getHandler(), context.getClass()]);
    const user = currentUser(context) as AuthUser<{ roles?: unknown }> | undefined;
    const roles = user?.roles;
    if (Array.isArray(roles) && roles.includes(role)) return true;
    throw new AuthError('forbidden', `This takes the role '${role}'.`);
  }
}

export const RequireRole = (role: string): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ROLE, role), UseGuards(RoleGuard));
