import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PersonRef } from '../host/hiring-pipeline.port.js';
import { PeopleHost } from '../testing-support/people-host.js';
import { aCandidate, aJob, after, anApplication } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../testing-support/scripted-ats.js';
import { CandidateMerges } from './candidate-merges.js';

const RECORDS = ['0:c1', '0:c2', '0:c3', '1:c1', '1:c2', '1:c3'];
const OWN = ['own-1', 'own-2'];

type Step =
  | { readonly do: 'list'; readonly record: string }
  | { readonly do: 'resync'; readonly connection: 0 | 1 }
  | { readonly do: 'merge'; readonly survivor: string; readonly merged: string }
  /** Two who are people of their own, by their place in the list of those. */
  | { readonly do: 'join'; readonly one: number; readonly other: number }
  | { readonly do: 'undo'; readonly nth: number }
  | { readonly do: 'ats-merge'; readonly connection: 0 | 1; readonly from: number; readonly into: number }
  | { readonly do: 'delete'; readonly record: string };

const connection = fc.constantFrom<0 | 1>(0, 1);
const record = fc.constantFrom(...RECORDS);
const nth = fc.integer({ min: 1, max: 3 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('list' as const), record }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('resync' as const), connection }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('merge' as const),
        survivor: record,
        merged: fc.constantFrom(...RECORDS, ...OWN),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('join' as const), one: fc.nat(), other: fc.nat() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('undo' as const), nth: fc.nat({ max: 5 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('ats-merge' as const), connection, from: nth, into: nth }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), record }) },
  ),
  { minLength: 8, maxLength: 18 },
);

/** What the ATSs and two admins did, with nothing but the records and who was merged into whom. */
class Model {
  readonly records = new Map<string, { name: string; living: boolean }>();
  /** Where the ATS has each application, by the record that it was made for. */
  readonly places = new Map<string, string>();
  readonly edges: { readonly merge: string; readonly child: string; readonly parent: string }[] = [];

  root(id: string): string {
    const edge = this.edges.find(({ child }) => child === id);
    return edge === undefined ? id : this.root(edge.parent);
  }

  isMerged(id: string): boolean {
    return this.edges.some(({ child }) => child === id);
  }

  members(root: string): string[] {
    return [...this.records.keys()].filter((id) => this.root(id) === root);
  }

  isLiving(root: string): boolean {
    return this.members(root).some((id) => this.records.get(id)?.living);
  }

  /** Every merge of the test keeps the survivor's name; a record that is gone gives way. */
  name(id: string): { name: string; living: boolean } {
    let said = { ...(this.records.get(id) ?? { name: '', living: false }) };
    for (const { child } of this.edges.filter(({ parent, child: other }) => parent === id && !OWN.includes(other))) {
      const merged = this.name(child);
      if (!said.living && merged.living) said = merged;
    }
    return said;
  }

  canMerge(survivor: string, merged: string): string | null {
    for (const id of [survivor, merged]) {
      if (this.isMerged(id)) return 'already-merged';
      if (OWN.includes(id)) continue;
      if (!this.isLiving(id)) return 'candidate-gone';
    }
    return survivor === merged ? 'invalid-request' : null;
  }
}

describe('merges, un-merges, syncs and what the ATS does, in any order', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  const host = new PeopleHost();
  let ats: RunningAts;
  let tick = 0;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider, ports: { hiringPipeline: { useValue: host } } });
    await PeopleHost.createTables(ats.database);
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
  });
  afterAll(() => ats.stop());

  const run = async (course: readonly Step[]): Promise<void> => {
    const workspaceId = `w-${(tick += 1)}-${Math.random().toString(36).slice(2)}`;
    const connections = [await ats.connect({ workspaceId }), await ats.connect({ workspaceId })] as const;
    const model = new Model();
    const own = new Map<string, string>();
    for (const name of OWN)
      own.set(name, await host.add(ats.database, workspaceId, { name, id: `${workspaceId}-${name}` }));
    const at = (id: string) => [connections[Number(id[0]) as 0 | 1], id.slice(2)] as const;
    const ids = new Map<string, string>();
    const refOf = (id: string): PersonRef =>
      own.has(id) ? { kind: 'own', id: own.get(id) ?? '' } : { kind: 'ats', id: ids.get(id) ?? '' };

    const sync = async (
      of: string,
      records: unknown[],
      gone: unknown[] = [],
      kind: 'incremental' | 'resync' = 'incremental',
    ) => {
      script.scripts.set('opportunities', [{ records, gone } as never]);
      const done = await ats.sync(of, kind);
      if (done.status !== 'completed') throw new Error(`${done.status}: ${done.fault_message ?? ''}`);
      const rows = await ats.database.rows<{ id: string; key: string }>(
        `select id, remote_id as key from ats.candidates where connection_id = $1`,
        [of],
      );
      for (const { id, key } of rows) ids.set(`${of === connections[0] ? 0 : 1}:${key}`, id);
    };
    const listed = (id: string) => {
      const [, remoteId] = at(id);
      const places = [...model.places].filter(([, holder]) => holder === id).map(([place]) => place);
      return [
        aCandidate(remoteId, { name: model.records.get(id)?.name ?? '', updatedAt: after((tick += 1)) }),
        ...places.map((place) =>
          anApplication(at(place)[1].replace('c', 'a'), { candidateRemoteId: remoteId, updatedAt: after(tick) }),
        ),
      ];
    };

    const steppers: { [D in Step['do']]: (step: Extract<Step, { do: D }>) => Promise<void> } = {
      list: async ({ record: id }) => {
        const old = model.records.get(id);
        model.records.set(id, { name: `${id} v${(tick += 1)}`, living: true });
        if (old === undefined) model.places.set(id, id);
        await sync(at(id)[0], listed(id));
      },
      resync: async ({ connection: nthConnection }) => {
        const living = [...model.records].filter(
          ([id, { living: lives }]) => lives && id.startsWith(`${nthConnection}:`),
        );
        await sync(
          connections[nthConnection],
          living.flatMap(([id]) => listed(id)),
          [],
          'resync',
        );
      },
      merge: async ({ survivor, merged }) => {
        if (!model.records.has(survivor) || (!OWN.includes(merged) && !model.records.has(merged))) return;
        const refused = model.canMerge(survivor, merged);
        const merging = ats.get(CandidateMerges).merge({
          workspaceId,
          left: refOf(survivor),
          right: refOf(merged),
          choices: { name: 'left' },
          actor: { userId: 'ada' },
        });
        if (refused !== null) return expect(merging).rejects.toMatchObject({ code: refused });
        model.edges.push({ merge: (await merging).id, child: merged, parent: survivor });
      },
      join: ({ one, other }) => {
        const free = [...model.records.keys()].filter((id) => !model.isMerged(id) && model.isLiving(id));
        const survivor = free[one % free.length];
        const others = [...free, ...OWN.filter((id) => !model.isMerged(id))].filter((id) => id !== survivor);
        const merged = others[other % others.length];
        if (survivor === undefined || merged === undefined) return Promise.resolve();
        return steppers.merge({ do: 'merge', survivor, merged });
      },
      undo: async ({ nth: which }) => {
        const edge = model.edges[which % Math.max(model.edges.length, 1)];
        if (edge === undefined) return;
        await ats.get(CandidateMerges).undo({ workspaceId, mergeId: edge.merge, actor: { userId: 'ada' } });
        model.edges.splice(model.edges.indexOf(edge), 1);
      },
      'ats-merge': async ({ connection: of, from, into }) => {
        const [gone, kept] = [`${of}:c${from}`, `${of}:c${into}`];
        if (gone === kept || !model.records.get(gone)?.living || !model.records.get(kept)?.living) return;
        model.records.set(gone, { name: model.records.get(gone)?.name ?? '', living: false });
        for (const [place, holder] of model.places) if (holder === gone) model.places.set(place, kept);
        await sync(
          connections[of],
          [],
          [{ kind: 'candidate', remoteId: `c${from}`, tombstone: 'merged', intoRemoteId: `c${into}`, at: null }],
        );
      },
      delete: async ({ record: id }) => {
        const known = model.records.get(id);
        if (!known?.living) return;
        model.records.set(id, { ...known, living: false });
        const remoteId = at(id)[1];
        await sync(
          at(id)[0],
          [],
          [{ kind: 'candidate', remoteId, tombstone: 'deleted', intoRemoteId: null, at: null }],
        );
      },
    };

    // Everybody but one is there from the start.
    for (const id of RECORDS.slice(1)) {
      model.records.set(id, { name: id, living: true });
      model.places.set(id, id);
    }
    for (const each of [0, 1] as const) await steppers.resync({ do: 'resync', connection: each });
    for (const step of course) {
      await steppers[step.do](step as never);
      const rows = await ats.database.rows<{
        record_id: string | null;
        id: string;
        name: string;
        gone: string | null;
        places: string[];
        merged: boolean;
      }>(
        `select p.id, p.record_id, p.name, p.gone, p.merged_into is not null as merged,
           array(select coalesce(l.id::text, '') from host.places l where l.person_id = p.id order by 1) as places
         from host.people p where p.workspace_id = $1`,
        [workspaceId],
      );
      // Nobody was made twice, and each record has its one row.
      expect(rows).toHaveLength(model.records.size + OWN.length);
      const keyOf = new Map([...ids].map(([key, id]) => [id, key]));
      const nameOf = ({ record_id: recordId, id }: (typeof rows)[number]): string =>
        recordId === null ? ([...own].find(([, one]) => one === id)?.[0] ?? '') : (keyOf.get(recordId) ?? '');
      const shown = rows.filter(({ merged }) => !merged);
      const expectedShown = [...model.records.keys(), ...OWN].filter((id) => !model.isMerged(id));
      expect(shown.map(nameOf).sort()).toEqual(expectedShown.sort());
      for (const row of shown.filter(({ record_id: recordId }) => recordId !== null)) {
        const root = nameOf(row);
        expect({ root, gone: row.gone !== null }).toEqual({ root, gone: !model.isLiving(root) });
        if (model.isLiving(root)) expect({ root, name: row.name }).toEqual({ root, name: model.name(root).name });
      }
      const places = await ats.database.rows<{ key: string; person: string }>(
        `select case when a.connection_id = $2 then '0:' else '1:' end || replace(a.remote_id, 'a', 'c') as key, p.record_id as person
         from host.places l join ats.applications a on a.id = l.id join host.people p on p.id = l.person_id where p.workspace_id = $1`,
        [workspaceId, connections[0]],
      );
      const whose = Object.fromEntries(places.map(({ key, person }) => [key, keyOf.get(person)]));
      const living = [...model.places].filter(([, holder]) => model.records.get(holder)?.living);
      expect(Object.fromEntries(living.map(([place]) => [place, whose[place]]))).toEqual(
        Object.fromEntries(living.map(([place, holder]) => [place, model.root(holder)])),
      );
    }
  };

  it('every record is one person’s, nobody is made twice, and an un-merge gives back what was', async () => {
    await fc.assert(fc.asyncProperty(steps, run), { numRuns: 20, endOnFailure: true });
  }, 240_000);
});
