export default () => globalThis.stopSharedPostgres?.();
