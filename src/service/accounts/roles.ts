/** How many roles an account may have: with the longest address and names they still fit the 1 KiB of a token's claims. */
export const MAX_ROLES = 16;

/** 1 to 32 characters that need no quoting anywhere, so that a role means the same in a token, a header and a log. */
export const ROLE_NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,31}$/;
