export type ToolName = 'redis-server' | 'postgres' | 'openssl' | 'curl' | 'zsh' | 'nginx' | 'chromium';
export function findTool(name: ToolName): string | undefined;
export function toolPath(name: ToolName): string;
