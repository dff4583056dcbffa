import { z } from 'zod';
import type { FieldChangeCapability } from '../contract/field-change.js';
import { ProviderFault } from '../contract/fault.js';
import type { JsonValue } from '../contract/records.js';
import type { Move, StageChangeCapability } from '../contract/stage-change.js';
import type { PaperConfig } from './reference-people.js';
import { readPerson, statusOf, toCandidate } from './reference-people.js';

/** How Paper moves people. */
export const paperStageChanges: StageChangeCapability<PaperConfig> = {
  moves: ['stage', 'reject', 'unreject', 'hire'],
  scopes: { stage: ['write'], reject: ['write'], unreject: ['write'], hire: ['write'] },
  actsAs: 'parameter',
  async read(context, { remoteId }) {
    const person = await readPerson(context, remoteId);
    if (person === null) return null;
    return {
      status: statusOf(person),
      stageRemoteId: person.stage,
      stageName: null,
      jobRemoteId: String(person.job),
      reasonRemoteId: person.reason,
      updatedAt: null,
      guard: null,
    };
  },
  async send({ http }, { remoteId }, _from, move, actorRemoteId) {
    const path = `/people/${encodeURIComponent(remoteId)}/place`;
    await http.request({ method: 'PUT', path, query: { as: actorRemoteId ?? undefined }, json: placeOf(move) });
  },
  async reasons({ http }) {
    const parsed = reasonsSchema.safeParse((await http.request({ path: '/reasons' })).body);
    if (!parsed.success) throw new ProviderFault('unexpected-shape', "Paper's list of reasons is not as documented.");
    return parsed.data.rows.map(({ id, name }) => ({ remoteId: id, name, of: 'reject' }));
  },
};

const reasonsSchema = z.looseObject({ rows: z.array(z.looseObject({ id: z.string().min(1), name: z.string() })) });

function placeOf(move: Move): JsonValue {
  switch (move.kind) {
    case 'stage':
      return { stage: move.stageRemoteId };
    case 'reject':
      return { state: 'out', reason: move.reasonRemoteId };
    case 'unreject':
      return { state: 'in', reason: null };
    case 'hire':
      return { state: 'won', reason: null };
  }
}

const guardSchema = z.strictObject({
  name: z.string(),
  headline: z.string().nullable(),
  emails: z.array(z.string()),
});
const changesSchema = z.strictObject({
  name: z.string().min(1).optional(),
  headline: z.string().nullable().optional(),
  emails: z.array(z.looseObject({ value: z.string().min(1) }).transform(({ value }) => value)).optional(),
});

/** How Paper changes a person: the whole sheet at once, so what stays is written again. */
export const paperFieldChanges: FieldChangeCapability<PaperConfig> = {
  scopes: ['write'],
  async read(context, candidateRemoteId) {
    const person = await readPerson(context, candidateRemoteId);
    if (person === null) return null;
    const { name, headline, emails } = person;
    return { record: toCandidate(person), guard: { name, headline, emails } };
  },
  async write({ http }, candidateRemoteId, { guard }, changes) {
    const [sheet, changed] = [guardSchema.safeParse(guard), changesSchema.safeParse(changes)];
    if (!sheet.success || !changed.success)
      throw new ProviderFault('invalid-request', 'Paper cannot take this change. Look at its fields and ask again.');
    const { name = sheet.data.name, headline = sheet.data.headline, emails = sheet.data.emails } = changed.data;
    const path = `/people/${encodeURIComponent(candidateRemoteId)}`;
    await http.request({ method: 'PUT', path, json: { name, headline, emails } });
  },
};
