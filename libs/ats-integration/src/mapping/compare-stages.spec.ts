import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareStages } from './compare-stages.js';
import type { KnownStage } from './compare-stages.js';

const stage = (remoteId: string, name: string, position: number, jobRemoteId: string | null = null): KnownStage => ({
  remoteId,
  name,
  position,
  jobRemoteId,
});
const account = [stage('s1', 'Applied', 1), stage('s2', 'Screen', 2), stage('s3', 'Offer', 3)];
const ofJob = (job: string, names: readonly string[]): KnownStage[] =>
  names.map((name, at) => stage(`${job}-${at}`, name, at, job));
const told = (before: readonly KnownStage[], now: readonly KnownStage[]): string[] =>
  compareStages(before, now).map(({ code, subject }) => `${code} ${subject}`);

describe('compareStages', () => {
  it('has nothing to tell of what it never knew, or of what is as it was', () => {
    expect(told([], account)).toEqual([]);
    expect(told(account, [...account].reverse())).toEqual([]);
  });

  it.each([
    ['a new stage', [...account, stage('s4', 'Onsite', 2.5)], ['stage-added id:s4']],
    ['a stage that went', account.slice(1), ['stage-removed id:s1']],
    ['a new name', [account[0], stage('s2', 'Phone', 2), account[2]], ['stage-renamed id:s2']],
    ['another order', [stage('s1', 'Applied', 4), account[1], account[2]], ['stages-reordered ']],
    ['other numbers in the same order', account.map((one) => ({ ...one, position: one.position * 10 })), []],
  ] as [string, KnownStage[], string[]][])('tells of %s of an account', (_, now, news) => {
    expect(told(account, now)).toEqual(news);
  });

  it('tells of stages of many jobs once for each name', () => {
    const before = [...ofJob('j1', ['Applied', 'Screen']), ...ofJob('j2', ['Applied', 'Screen'])];
    const now = [...ofJob('j1', ['Applied', 'Phone']), ...ofJob('j2', ['Applied', 'Phone'])];
    expect(told(before, now)).toEqual(['stage-renamed name:phone']);
    expect(told(before, [...before, ...ofJob('j3', ['Applied', 'Screen'])])).toEqual([]);
    expect(told(before, [...before, ...ofJob('j3', ['Applied', 'Onsite'])])).toEqual(['stage-added name:onsite']);
    expect(told(before, ofJob('j1', ['Applied', 'Screen']))).toEqual([]);
  });

  it('says what changed and what to do, and names the ATS', () => {
    const [news] = compareStages(account, [account[0], stage('s2', 'Phone', 2), account[2]] as KnownStage[]);
    expect(news?.message('Scripted')).toBe(
      'Scripted renamed the stage "Screen" to "Phone". It is mapped as before; look at the stage mapping whether that still fits.',
    );
  });

  it('tells of every stage of an account that came or went, whatever they are called', () => {
    const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
    fc.assert(
      fc.property(ids, ids, (before, now) => {
        const of = (some: readonly string[]) => some.map((id) => stage(id, `Stage ${id}`, id.charCodeAt(0)));
        expect(told(of(before), of(now)).sort()).toEqual(
          [
            ...now.filter((id) => !before.includes(id)).map((id) => `stage-added id:${id}`),
            ...before.filter((id) => !now.includes(id)).map((id) => `stage-removed id:${id}`),
          ].sort(),
        );
      }),
    );
  });
});
