import type { NameOf } from '../auth.errors.js';
import type { AnyOption } from './option.js';

/** An option in words, for docs, `.env.example` and `--help`. */
export interface OptionText {
  readonly about: string;
  /** Its kind and range, such as `duration, 10s to 400d`. */
  readonly values: string;
  /** Its default, or what holds without it. */
  readonly fallback: string;
}

/** Their values are listed one by one. */
const NEEDS_NO_KIND = ['word', 'boolean'];

/** @param nameOf how the reader calls other options that bound this one */
export function describeOption(row: AnyOption, nameOf: NameOf): OptionText {
  const fallback = row.fallback ?? row.without ?? 'none';
  return {
    about: row.about,
    values: [NEEDS_NO_KIND.includes(row.kind) ? '' : row.kind, row.range(nameOf)]
      .filter((part) => part !== '')
      .join(', '),
    fallback: row.inProduction === undefined ? fallback : `${fallback}; ${row.inProduction} in production`,
  };
}
