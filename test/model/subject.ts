/** In the place of a durable generation: the users table knows no such subject. */
export const NO_SUBJECT = 255;
