import { readFileSync } from 'node:fs';
import { obstacles, repositoryFields, withAbsoluteLinks } from '../scripts/package-metadata.mjs';

const REPOSITORY = 'https://git.example/team/keyturn';

describe('the address of the repository, which the sources do not know', () => {
  it('is given to the package as npm writes it', () => {
    expect(repositoryFields(`${REPOSITORY}.git`)).toEqual({
      homepage: `${REPOSITORY}#readme`,
      bugs: { url: `${REPOSITORY}/issues` },
      repository: { type: 'git', url: `git+${REPOSITORY}.git` },
    });
  });

  it.each(['git@git.example:team/keyturn', 'http://git.example/team/keyturn', 'https://git.example', 'team/keyturn'])(
    'is not %s, since npm and readers follow it',
    (url) => expect(() => repositoryFields(url)).toThrow('--repository must be the https address'),
  );

  it('makes the links of the README lead somewhere on the registry', () => {
    const readme = 'See [docs](docs/index.md#start), [here](#here), [there](https://x.example) and [us](.env.example).';
    expect(withAbsoluteLinks(readme, REPOSITORY, '1.2.3')).toBe(
      `See [docs](${REPOSITORY}/blob/v1.2.3/docs/index.md#start), [here](#here), [there](https://x.example) and [us](${REPOSITORY}/blob/v1.2.3/.env.example).`,
    );
  });

  it('makes the pictures of the README be shown on the registry, and lead somewhere where they are links', () => {
    expect(withAbsoluteLinks('![A thief](docs/a.png) [![Tabs](docs/b.png)](docs/index.md)', REPOSITORY, '1.2.3')).toBe(
      `![A thief](${REPOSITORY}/raw/v1.2.3/docs/a.png) [![Tabs](${REPOSITORY}/raw/v1.2.3/docs/b.png)](${REPOSITORY}/blob/v1.2.3/docs/index.md)`,
    );
  });

  it('leaves no relative link in the README of the package', () => {
    const links = [
      ...withAbsoluteLinks(readFileSync('README.md', 'utf8'), REPOSITORY, '1.0.0').matchAll(/\]\(([^)]+)\)/g),
    ];
    expect(links.length).toBeGreaterThan(10);
    expect(links.map(([, target]) => target!).filter((target) => !/^(https:|#)/.test(target))).toEqual([]);
  });
});

describe('what is not ready to be published', () => {
  const changelog = '## [Unreleased]\n\n## [1.2.3] - 2026-11-26\n';

  it('is a package without an address, and a version that the changelog does not tell of', () => {
    expect(obstacles({ version: '1.2.4', changelog })).toEqual([
      expect.stringContaining('--repository <url>'),
      expect.stringContaining('## [1.2.4] - <date>'),
    ]);
  });

  it('is nothing else', () => {
    expect(obstacles({ repository: REPOSITORY, version: '1.2.3', changelog })).toEqual([]);
  });
});

describe('the changelog', () => {
  const lines = readFileSync('CHANGELOG.md', 'utf8').split('\n');

  it('is by Keep a Changelog: Unreleased first, then versions with their dates', () => {
    const [first, ...others] = lines.filter((line) => line.startsWith('## '));
    expect(first).toBe('## [Unreleased]');
    expect(others.filter((line) => !/^## \[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/.test(line))).toEqual([]);
  });

  it('groups changes by what they are', () => {
    const kinds = lines.filter((line) => line.startsWith('### '));
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds.filter((line) => !/^### (Added|Changed|Deprecated|Removed|Fixed|Security)$/.test(line))).toEqual([]);
  });
});

it('the manifest has keywords, author and licence, by which the registry finds and shows it', () => {
  const { author, license } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, string>;
  const { keywords } = JSON.parse(readFileSync('scripts/package.manifest.json', 'utf8')) as { keywords: string[] };
  expect([author, license, keywords.includes('nestjs')]).toEqual(['The Keyturn authors', 'MIT', true]);
});
