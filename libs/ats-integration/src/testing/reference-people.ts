import { z } from 'zod';
import type { ProviderContext } from '../contract/context.js';
import { ProviderFault } from '../contract/fault.js';
import type { ApplicationRecord, CandidateRecord, StageStayRecord } from '../contract/records.js';

/** The options of the ATS on paper. */
export interface PaperConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiUrl: string;
}

/** One person with one application: Paper keeps both on one sheet. */
export const personSchema = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  headline: z.string().nullable(),
  emails: z.array(z.string().min(1)),
  job: z.int(),
  stage: z.string().nullable(),
  state: z.string(),
  reason: z.string().nullable(),
});
export type PaperPerson = z.infer<typeof personSchema>;

const STATUS: Readonly<Record<string, ApplicationRecord['status']>> = { in: 'active', out: 'rejected', won: 'hired' };

export const statusOf = ({ state }: PaperPerson): ApplicationRecord['status'] =>
  (Object.hasOwn(STATUS, state) ? STATUS[state] : undefined) ?? 'unknown';

export const toCandidate = (person: PaperPerson): CandidateRecord => ({
  kind: 'candidate',
  remoteId: person.id,
  updatedAt: null,
  name: person.name,
  firstName: null,
  lastName: null,
  emails: person.emails.map((value) => ({ value, type: null })),
  phones: [],
  headline: person.headline,
  company: null,
  location: null,
  links: [],
  tags: [],
  anonymised: false,
  url: null,
  customFields: {},
});

export const toApplication = (person: PaperPerson): ApplicationRecord => ({
  kind: 'application',
  remoteId: person.id,
  updatedAt: null,
  candidateRemoteId: person.id,
  jobRemoteId: String(person.job),
  stageRemoteId: person.stage,
  stageName: null,
  status: statusOf(person),
  statusReason: person.reason,
  appliedAt: null,
  stageChangedAt: null,
  source: null,
  ownerRemoteId: null,
  customFields: {},
});

/** A line of Paper's book of moves: who came to which stage, and when. */
export const lineSchema = z.looseObject({
  id: z.int(),
  person: z.string().min(1),
  stage: z.string().min(1),
  came: z.iso.datetime(),
  went: z.iso.datetime().nullable(),
});

export const toStageStay = (line: z.infer<typeof lineSchema>): StageStayRecord => ({
  kind: 'stage-stay',
  remoteId: String(line.id),
  updatedAt: new Date(line.went ?? line.came),
  applicationRemoteId: line.person,
  stageRemoteId: line.stage,
  enteredAt: new Date(line.came),
  leftAt: line.went === null ? null : new Date(line.went),
  movedByRemoteId: null,
});

/** Null when Paper has no such person. */
export async function readPerson({ http }: ProviderContext<PaperConfig>, id: string): Promise<PaperPerson | null> {
  const { status, body } = await http.request({ path: `/people/${encodeURIComponent(id)}`, accept: [404] });
  if (status === 404) return null;
  const parsed = personSchema.safeParse(body);
  if (!parsed.success) throw new ProviderFault('unexpected-shape', "Paper's sheet of a person is not as documented.");
  return parsed.data;
}
