/** What the store holds was written in a layout this version does not know, such as by a newer one. */
export class SessionFormatError extends Error {
  override readonly name = 'SessionFormatError';
}
