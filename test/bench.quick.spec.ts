import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { regressions, type QuickFigures } from '../bench/quick/regressions.mjs';
import { root } from './support/source-imports.js';

const RECORDED: QuickFigures = {
  modules: { "require('keyturn')": { own: 100, rxjs: 200 } },
  commands: { refresh: { evalsha: 1, hset: 1 }, 'guarded route': {} },
  bytes: { 'one per user': 215 },
  ratios: { 'refresh beside an empty POST': 0.4 },
};

describe('the quick bench: what it calls a regression', () => {
  it('finds none in what it recorded, on this repository too', () => {
    const recorded = JSON.parse(readFileSync(join(root, 'bench/quick/record.json'), 'utf8')) as QuickFigures;

    expect(regressions(RECORDED, RECORDED)).toEqual([]);
    expect(regressions(recorded, recorded)).toEqual([]);
  });

  it('names a package that came along, because one import can bring hundreds of files', () => {
    const seen = { ...RECORDED, modules: { "require('keyturn')": { own: 100, rxjs: 200, 'swagger-ui': 12 } } };

    expect(regressions(RECORDED, seen)).toEqual([
      "require('keyturn'): loads 12 files of swagger-ui, recorded are none",
    ]);
  });

  it('lets our own files grow with a feature, and not by a third', () => {
    const of = (own: number): QuickFigures => ({ ...RECORDED, modules: { "require('keyturn')": { own, rxjs: 200 } } });

    expect(regressions(RECORDED, of(120))).toEqual([]);
    expect(regressions(RECORDED, of(133))).toEqual(["require('keyturn'): 133 files of ours, recorded are 100"]);
  });

  it('counts one more Redis command as a regression, and the first one of a guarded route', () => {
    const seen = { ...RECORDED, commands: { refresh: { evalsha: 2, hset: 1 }, 'guarded route': { get: 1 } } };

    expect(regressions(RECORDED, seen)).toEqual([
      'refresh: 2 times EVALSHA, recorded are 1',
      'guarded route: 1 times GET, recorded are none',
    ]);
  });

  it('lets fewer commands, fewer files and smaller sessions pass, because that is what is wanted', () => {
    const seen: QuickFigures = {
      modules: { "require('keyturn')": { own: 50 } },
      commands: { refresh: { evalsha: 1 }, 'guarded route': {} },
      bytes: { 'one per user': 150 },
      ratios: { 'refresh beside an empty POST': 0.9 },
    };

    expect(regressions(RECORDED, seen)).toEqual([]);
  });

  it('judges a ratio below half alone, since a busy machine moves it by a third', () => {
    const of = (ratio: number): QuickFigures => ({ ...RECORDED, ratios: { 'refresh beside an empty POST': ratio } });

    expect(regressions(RECORDED, of(0.25))).toEqual([]);
    expect(regressions(RECORDED, of(0.19))).toEqual([
      'refresh beside an empty POST: 0.19 by CPU, less than half of the recorded 0.4',
    ]);
  });

  it('allows a session the few bytes by which versions of Redis differ, and no more', () => {
    const of = (bytes: number): QuickFigures => ({ ...RECORDED, bytes: { 'one per user': bytes } });

    expect(regressions(RECORDED, of(220))).toEqual([]);
    expect(regressions(RECORDED, of(240))).toEqual([
      "sessions, one per user: 240 bytes of Redis' memory, recorded are 215",
    ]);
  });

  it('wants what it measures to be recorded and what is recorded to be measured, or a row could vanish unseen', () => {
    const seen = { ...RECORDED, bytes: { 'two per user': 150 } };

    expect(regressions(RECORDED, seen)).toEqual([
      'one per user: recorded, but no longer measured',
      'two per user: not recorded yet',
    ]);
  });
});
