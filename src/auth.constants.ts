/** DI tokens. `Symbol.for`, since the ESM and the CommonJS copy of the library may both be loaded in one process. */
export const AUTH_OPTIONS = Symbol.for('keyturn:options');
/** The checked options, {@link AuthPolicy}. */
export const AUTH_POLICY = Symbol.for('keyturn:policy');

/** Who writes the error answers of Keyturn's own routes, the option `errors`. */
export const ROUTE_ERRORS = Symbol.for('keyturn:route-errors');
/** The `JwtService` of Keyturn. Not under its class: `app.get(JwtService)` must find the one of the host. */
export const KEYTURN_JWT = Symbol.for('keyturn:jwt');

/** Whether there is OpenTelemetry: made at the start, so that no request looks for it. */
export const TRACING = Symbol.for('keyturn:tracing');
