// What a package says of its repository. The address is not in the sources, so nothing here invents one: it is given to
// `npm run package -- --repository <url>`.

/**
 * @param {string} url such as `https://github.com/owner/name`
 * @throws Error when it is no address of a repository's page
 */
export function repositoryFields(url) {
  const given = URL.canParse(url) ? new URL(url) : null;
  const path = given?.pathname.replace(/(\.git)?\/?$/, '') ?? '';
  if (given?.protocol !== 'https:' || !/^\/[^/]+\/[^/]+/.test(path) || given.username || given.search || given.hash)
    throw new Error(
      `--repository must be the https address of the repository's page, such as https://github.com/owner/name, not ${url}`,
    );
  const page = given.origin + path;
  return {
    homepage: `${page}#readme`,
    bugs: { url: `${page}/issues` },
    repository: { type: 'git', url: `git+${page}.git` },
  };
}

/** The README as the registry shows it: a relative link would lead nowhere there. */
export function withAbsoluteLinks(readme, url, version) {
  const home = repositoryFields(url).homepage.replace('#readme', '');
  // A picture is wanted itself, and not the page that shows it.
  const pictured = readme.replace(/(!\[[^\]]*\]\()(?!https?:)([^)\s]+)\)/g, `$1${home}/raw/v${version}/$2)`);
  return pictured.replace(
    /\]\((?!https?:|mailto:|#)([^)\s]+)\)/g,
    (_, target) => `](${home}/blob/v${version}/${target})`,
  );
}

/** What keeps this version from being published, one sentence each. */
export function obstacles({ repository, version, changelog }) {
  const found = [];
  if (!repository)
    found.push('Give the address of the repository by --repository <url>: README, issues and provenance point to it.');
  const released = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm');
  if (!released.test(changelog))
    found.push(`CHANGELOG.md has no section "## [${version}] - <date>": move the lines of [Unreleased] below one.`);
  return found;
}
