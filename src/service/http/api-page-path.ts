/** Path of the OpenAPI page; beside it, so that who only names the page does not load what makes it. */
export const API_PAGE = 'docs';
