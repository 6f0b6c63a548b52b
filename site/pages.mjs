/** The order of the pages: `[file below docs/ without .md, title]`. A page that is not listed comes last, below "More". */
export const sections = [
  {
    text: 'Start',
    pages: [
      ['index', 'Five questions'],
      ['try-it', 'Try the service'],
      ['playground', 'The playground'],
      ['quick-start', 'Quick start: the library'],
      ['concepts', 'Concepts'],
    ],
  },
  {
    text: 'Guides',
    pages: [
      ['in-your-app', 'In your application'],
      ['recipes', 'Recipes for the library'],
      ['session-modes', 'Session modes'],
      ['policies', 'Policies'],
      ['testing', 'Test your application'],
      ['clients', 'Clients'],
      ['lab', 'Test any client in the lab'],
      ['resource-servers', 'Resource servers'],
      ['graphql', 'GraphQL'],
      ['sockets', 'WebSockets'],
      ['microservices', 'Microservices'],
      ['sse', 'Streams of events'],
      ['oauth', 'OAuth endpoints'],
      ['self-service', 'Self-service'],
      ['moving-in', 'Move from another scheme'],
      ['example-shop', 'Example: a shop'],
      ['example-monorepo', 'Example: a monorepo'],
    ],
  },
  {
    text: 'Reference',
    pages: [
      ['options', 'Options'],
      ['errors', 'Errors'],
      ['events', 'Events'],
      ['api/index', 'API'],
      ['versions', 'Versions'],
      ['changelog', 'Changelog'],
    ],
  },
  {
    text: 'Operations',
    pages: [
      ['operations', 'Operations'],
      ['failures', 'What happens when something fails'],
      ['reliability', 'Reliability'],
      ['scaling', 'Scaling'],
      ['performance', 'Performance'],
      ['bench', 'Benchmarks'],
    ],
  },
  { text: 'Security', pages: [['safety', 'Is it safe?']] },
  {
    text: 'Design',
    pages: [
      ['protocol', 'The protocol'],
      ['architecture', 'Architecture'],
      ['contributing', 'Contributing'],
    ],
  },
];

/** Pages of the site that do not lie in docs/. */
export const elsewhere = {
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'SECURITY.md': 'security.md',
  'bench/README.md': 'bench.md',
  'README.md': 'index.md',
};
