import type { PipeTransform } from '@nestjs/common';
import { fieldsOf, invalidBody } from './body.pipe.js';

/** The body of refresh and logout. */
export interface RefreshTokenBody {
  readonly refresh_token?: string;
}

/**
 * Checks the one field of refresh and logout, and says of a fault what {@link BodyPipe} would say. By hand, because
 * refresh is the route that every client calls all day: class-validator takes 10 µs for it, which all the rest of our
 * own work before the store hardly does.
 */
export class RefreshTokenPipe implements PipeTransform<unknown, RefreshTokenBody> {
  transform(body: unknown): RefreshTokenBody {
    const fields = fieldsOf(body) as Readonly<Record<string, unknown>>;
    const token = fields.refresh_token;
    const faults = Object.keys(fields)
      .filter((name) => name !== 'refresh_token')
      .map((name) => `property ${name} should not exist`);
    if (token !== undefined && typeof token !== 'string') faults.push('refresh_token must be a string');
    if (faults.length > 0) throw invalidBody(faults);
    return { refresh_token: token as string | undefined };
  }
}
