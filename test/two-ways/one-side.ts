import type { SimulatedAccount } from '@elly/ats-sandbox';

/** An application as one of the two sides has it. */
export interface Standing {
  readonly status: string;
  /** The ATS's stage; null where it says nothing: of who is hired or rejected. */
  readonly stage: string | null;
  readonly candidate: string;
}

/** A person as one of the two sides has them. */
export interface Person {
  readonly name: string;
  readonly headline: string | null;
}

export interface Side {
  readonly applications: Readonly<Record<string, Standing>>;
  /** Whoever has one of these applications. */
  readonly people: Readonly<Record<string, Person>>;
}

interface ToldApplication {
  readonly id: string;
  readonly status: string;
  readonly stageId: string | null;
  readonly candidateId: string;
  readonly inScope: boolean;
}

/** Greenhouse tells names in two parts and calls the headline a title. */
interface ToldPerson {
  readonly id: string;
  readonly name?: string;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly headline?: string | null;
  readonly title?: string | null;
}

/** What the ATS itself has in scope: the truth, whatever is kept of it here. */
export function inTheAts(account: SimulatedAccount): Side {
  const told = account.records('applications', 0, 10_000) as unknown as readonly ToldApplication[];
  const applications = told.flatMap(({ id, status: word, stageId, candidateId: candidate, inScope }) => {
    const status = word === 'in_process' ? 'active' : word;
    return inScope ? [{ id, status, stage: status === 'active' ? stageId : null, candidate }] : [];
  });
  const owners = new Set(applications.map(({ candidate }) => candidate));
  const people = (account.records('candidates', 0, 10_000) as unknown as readonly ToldPerson[]).flatMap((told) => {
    const { id, name, firstName, lastName, headline, title } = told;
    const whole = name ?? [firstName, lastName].filter((part) => (part ?? '') !== '').join(' ');
    return owners.has(id) ? [{ id, name: whole, headline: textOf(headline ?? title) }] : [];
  });
  return { applications: byId(applications), people: byId(people) };
}

/** Rows by the ATS's id. */
export function byId<Row extends { readonly id: string }>(rows: readonly Row[]): Record<string, Omit<Row, 'id'>> {
  return Object.fromEntries(rows.map(({ id, ...rest }) => [id, rest]));
}

function textOf(told: string | null | undefined): string | null {
  return told === undefined || told === '' ? null : told;
}
