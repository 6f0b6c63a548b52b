import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

interface Section {
  readonly text: string;
  readonly pages: readonly (readonly [page: string, title: string])[];
}

// Written by prepare.mjs: the sections of the menu, and one entry for each page of the reference.
const made = (name: string) => JSON.parse(readFileSync(new URL(`../.content/${name}`, import.meta.url), 'utf8'));
const reference = made('api/typedoc-sidebar.json');
const sections: readonly Section[] = made('sections.json');

/** The pages are read in the repository as well: a link to a heading must be the same there and here. */
const slugAsOnGithub = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

export default defineConfig({
  title: 'Keyturn',
  description: 'Token sessions for NestJS',
  srcDir: '.content',
  outDir: '../dist/site',
  cacheDir: '.cache',
  cleanUrls: false,
  // A link that leads nowhere ends the build. Addresses on this machine are examples.
  ignoreDeadLinks: [/^https?:\/\/(localhost|127\.0\.0\.1)/],
  markdown: {
    anchor: { slugify: slugAsOnGithub },
    config(md) {
      const fence = md.renderer.rules.fence!;
      md.renderer.rules.fence = (tokens, index, options, env, self) => {
        const { info, content } = tokens[index];
        if (info.trim() !== 'mermaid') return fence(tokens, index, options, env, self);
        return `<MermaidDiagram text="${encodeURIComponent(content)}" />\n`;
      };
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Quick start', link: '/quick-start' },
      { text: 'Guides', link: '/recipes' },
      { text: 'Operations', link: '/operations' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: {
      '/': sections.map(({ text, pages }) => ({
        text,
        items: pages.map(([page, title]) => ({ text: title, link: `/${page}` })),
      })),
      '/api/': [
        { text: 'API', items: reference },
        { text: 'All pages', link: '/' },
      ],
    },
  },
});
