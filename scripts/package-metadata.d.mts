export interface RepositoryFields {
  readonly homepage: string;
  readonly bugs: { readonly url: string };
  readonly repository: { readonly type: string; readonly url: string };
}
export function repositoryFields(url: string): RepositoryFields;
export function withAbsoluteLinks(readme: string, url: string, version: string): string;
export function obstacles(release: { repository?: string; version: string; changelog: string }): string[];
