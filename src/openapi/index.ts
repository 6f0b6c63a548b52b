export { ApiErrors, GUARD_ERRORS } from './api-errors.decorator.js';
export { ErrorAnswer, TokenAnswerBody } from './answers.js';
export { describeAuth } from './describe-auth.js';
