import { isDeepStrictEqual } from 'node:util';
import type { CandidateState, FieldChangeCapability, FieldChanges } from '../contract/field-change.js';
import type { CandidateRecord } from '../contract/records.js';
import type { ContractCheck, Subject } from './contract-check.js';
import { demand, faultFrom } from './contract-check.js';
import { demandDeclared, proveReading, proveRefusals, proveWrite } from './prove-write.js';
import { isJson, wrongWith } from './record-shapes.js';
import type { FieldCase, FieldChangeScenario } from './scenario-parts.js';
import { respondOver } from './exchange.js';

const CUSTOM = 'customFields';

/** Only for a provider that writes fields of candidates back. */
export const FIELD_CHANGE_CHECKS: readonly ContractCheck[] = [
  {
    title: 'has fields of a candidate to write, each proved by its scenario, and scopes that its manifest has',
    run: (subject) => {
      const { capability, scenario } = partsOf(subject);
      demandDeclared(subject, capability.scopes, 'writing fields');
      const written = (subject.provider.manifest.fields.candidate ?? [])
        .filter(({ direction }) => direction === 'bidirectional')
        .map(({ field }) => field);
      demand(written.length > 0, 'fields can be written, and the manifest calls no field of a candidate bidirectional');
      const changed = new Set(scenario.changes.flatMap(({ changes }) => Object.keys(changes)).map(recordField));
      for (const field of written)
        demand(changed.has(field), `the field "${field}" is bidirectional and the scenario never changes it`);
      for (const field of changed)
        demand(written.includes(field), `the scenario changes "${field}", which is not bidirectional in the manifest`);
    },
  },
  {
    title: 'reads a candidate as a record, and null for one who is not there',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      for (const { candidateRemoteId, before } of scenario.changes) {
        const context = subject.context(respondOver(before, subject.scenario.account));
        const state = await capability.read(context, candidateRemoteId);
        demand(state !== null, 'a candidate who is there is not found');
        const wrong = wrongWith(state.record);
        demand(wrong === null && isJson(state.guard), `a candidate is read, and ${wrong ?? 'the guard is no JSON'}`);
        demand(state.record.remoteId === candidateRemoteId, 'another candidate is read than the one asked for');
      }
      const { candidateRemoteId, account } = scenario.absent;
      const context = subject.context(respondOver(account, subject.scenario.account));
      demand(
        (await capability.read(context, candidateRemoteId)) === null,
        'a candidate who is not there is read as if they were',
      );
    },
  },
  {
    title: 'writes changes with exactly one write, and loses nothing that they do not name',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      for (const part of scenario.changes) {
        const what = `the change of ${Object.keys(part.changes).join(' and ')}`;
        const [before, after] = await proveWrite(subject, part, what, async (context) => {
          const current = await writeOf(capability, part, context);
          return [current, await capability.read(context, part.candidateRemoteId)] as const;
        });
        demand(after !== null, `the candidate is gone after ${what}`);
        const lost = differenceOf(before.record, after.record, part);
        demand(lost === null, `after ${what} the field "${lost}" is not what it should be`);
      }
    },
  },
  {
    title: 'refuses a field that it cannot write, before anything is sent',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      const [part] = scenario.changes;
      demand(part !== undefined, 'the scenario has no change');
      const context = subject.context(respondOver(part.before, subject.scenario.account));
      const current = await readOf(capability, part, context);
      const changes: FieldChanges = { ...part.changes, surprise: 'surprise' };
      const fault = await faultFrom(
        () => capability.write(context, part.candidateRemoteId, current, changes),
        'the change of a field that nobody knows',
      );
      demand(fault.code === 'invalid-request', `the change of a field that nobody knows is ${fault.code}`);
      demand(
        context.sent.every(({ method }) => method === 'GET'),
        'something is written although a field of the change is unknown',
      );
    },
  },
  {
    title: 'says of every write of fields that is refused or lost what became of it, and writes once only',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      for (const part of scenario.changes) {
        const what = `the change of ${Object.keys(part.changes).join(' and ')}`;
        await proveRefusals(subject, part, what, (context) => writeOf(capability, part, context));
      }
    },
  },
  {
    title: 'never takes a failure of the ATS for a candidate who is gone',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      const { candidateRemoteId } = scenario.absent;
      await proveReading(subject, 'reading a candidate', (context) => capability.read(context, candidateRemoteId));
    },
  },
];

function partsOf({ provider, scenario }: Subject): {
  readonly capability: FieldChangeCapability<unknown>;
  readonly scenario: FieldChangeScenario;
} {
  demand(provider.fieldChanges !== undefined, 'the provider writes no fields');
  demand(
    scenario.fieldChanges !== undefined,
    'the provider writes fields and its scenario has no part "fieldChanges", so nothing proves it',
  );
  return { capability: provider.fieldChanges, scenario: scenario.fieldChanges };
}

type Context = Parameters<FieldChangeCapability<unknown>['read']>[0];

async function readOf(
  capability: FieldChangeCapability<unknown>,
  { candidateRemoteId }: FieldCase,
  context: Context,
): Promise<CandidateState> {
  const current = await capability.read(context, candidateRemoteId);
  demand(current !== null, 'a candidate who is there is not found');
  return current;
}

async function writeOf(
  capability: FieldChangeCapability<unknown>,
  part: FieldCase,
  context: Context,
): Promise<CandidateState> {
  const current = await readOf(capability, part, context);
  await capability.write(context, part.candidateRemoteId, current, part.changes);
  return current;
}

const recordField = (field: string): string => (field.startsWith(`${CUSTOM}.`) ? CUSTOM : field);

/** The first field that is neither as it was nor as it was changed; null when all are. */
function differenceOf(before: CandidateRecord, after: CandidateRecord, { changes, follows = [] }: FieldCase) {
  const wanted = new Map<string, unknown>(Object.entries(flat(before)));
  for (const [field, value] of Object.entries(changes)) wanted.set(field, value);
  const found = flat(after);
  const names = new Set([...wanted.keys(), ...Object.keys(found)]);
  const free = ['updatedAt', ...follows];
  return (
    [...names].find(
      (field) => !free.includes(field) && !isDeepStrictEqual(found[field] ?? null, wanted.get(field) ?? null),
    ) ?? null
  );
}

/** A record with its custom fields' values under the names that changes have. */
function flat({ customFields, ...fields }: CandidateRecord): Readonly<Record<string, unknown>> {
  const custom = Object.entries(customFields).map(([key, { value }]) => [`${CUSTOM}.${key}`, value] as const);
  return { ...fields, ...Object.fromEntries(custom) };
}
