/** RFC 6749 section 3.3. */
const NAME = String.raw`[\x21\x23-\x5b\x5d-\x7e]+`;

/** The name of one scope. */
export const SCOPE_NAME = new RegExp(`^${NAME}$`);

/** One or more names with single blanks between them. */
export const SCOPE_LIST = new RegExp(`^${NAME}(?: ${NAME})*$`);
