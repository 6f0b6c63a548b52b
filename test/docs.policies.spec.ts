import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatPolicyReport,
  policyReport,
  resolveOptions,
  type AuthModuleOptions,
  type SessionMode,
} from '../src/index.js';
import { root } from './support/source-imports.js';

// docs/policies.md shows what each of its policies costs. The figures are made here; accept new ones with UPDATE_DOCS=1.

const DOCS = join(root, 'docs/policies.md');
const PRESET = /```json\n([^`]+)```\n(?:\n```text\n[^`]*```\n)?/g;

function reportOf(preset: string): string {
  const { strategy, ...options } = JSON.parse(preset) as AuthModuleOptions & { strategy: SessionMode };
  const policy = resolveOptions({ ...options, issuer: 'https://auth.example' }, strategy);
  return formatPolicyReport(policyReport(policy)).replaceAll(/^ {2}/gm, '');
}

const written = readFileSync(DOCS, 'utf8');
const actual = written.replaceAll(
  PRESET,
  (_, preset: string) => `\`\`\`json\n${preset}\`\`\`\n\n\`\`\`text\n${reportOf(preset)}\n\`\`\`\n`,
);

it('shows the figures of each policy as the report gives them', () => {
  if (process.env.UPDATE_DOCS) writeFileSync(DOCS, actual);

  expect(actual.match(PRESET)?.length).toBeGreaterThan(5);
  expect(readFileSync(DOCS, 'utf8')).toBe(actual);
});
