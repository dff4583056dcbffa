import type { ProviderRecord, RecordKind, RecordOf } from '../contract/records.js';
import { APPLICATION_STATUSES, JOB_STATUSES } from '../contract/records.js';

type Shape =
  'id' | 'text' | 'text?' | 'moment?' | 'flag' | 'number' | 'texts' | 'points' | 'fields' | 'json' | readonly string[];

/** Every field of every common record. The compiler holds it against the contract, so a new field cannot be forgotten here. */
export const RECORD_SHAPES: {
  readonly [K in RecordKind]: Readonly<Record<Exclude<keyof RecordOf<K>, 'kind'>, Shape>>;
} = {
  user: { remoteId: 'id', updatedAt: 'moment?', name: 'text', email: 'text?', active: 'flag' },
  job: {
    remoteId: 'id',
    updatedAt: 'moment?',
    title: 'text',
    descriptionHtml: 'text?',
    status: JOB_STATUSES,
    remoteStatus: 'text',
    department: 'text?',
    location: 'text?',
    confidential: 'flag',
    openedAt: 'moment?',
    closedAt: 'moment?',
    url: 'text?',
    customFields: 'fields',
  },
  stage: {
    remoteId: 'id',
    updatedAt: 'moment?',
    name: 'text',
    jobRemoteId: 'text?',
    position: 'number',
    active: 'flag',
  },
  candidate: {
    remoteId: 'id',
    updatedAt: 'moment?',
    name: 'text',
    firstName: 'text?',
    lastName: 'text?',
    emails: 'points',
    phones: 'points',
    headline: 'text?',
    company: 'text?',
    location: 'text?',
    links: 'texts',
    tags: 'texts',
    anonymised: 'flag',
    url: 'text?',
    customFields: 'fields',
  },
  application: {
    remoteId: 'id',
    updatedAt: 'moment?',
    candidateRemoteId: 'id',
    jobRemoteId: 'text?',
    stageRemoteId: 'text?',
    stageName: 'text?',
    status: APPLICATION_STATUSES,
    statusReason: 'text?',
    appliedAt: 'moment?',
    stageChangedAt: 'moment?',
    source: 'text?',
    ownerRemoteId: 'text?',
    customFields: 'fields',
  },
  resume: {
    remoteId: 'id',
    updatedAt: 'moment?',
    candidateRemoteId: 'id',
    applicationRemoteId: 'text?',
    filename: 'text',
    locator: 'json',
    uploadedAt: 'moment?',
  },
  'stage-stay': {
    remoteId: 'id',
    updatedAt: 'moment?',
    applicationRemoteId: 'id',
    stageRemoteId: 'id',
    enteredAt: 'moment?',
    leftAt: 'moment?',
    movedByRemoteId: 'text?',
  },
};

/** The first thing wrong with a record, by field and never by value, or null. */
export function wrongWith(record: ProviderRecord): string | null {
  const shapes: Readonly<Record<string, Shape>> = RECORD_SHAPES[record.kind];
  const fields = record as unknown as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((name) => name !== 'kind' && !Object.hasOwn(shapes, name));
  if (unknown !== undefined) return `${record.kind}.${unknown} is not a field of the common record`;
  const wrong = Object.entries(shapes).find(([name, shape]) => !fits(fields[name], shape));
  return wrong === undefined
    ? null
    : `${record.kind}.${wrong[0]} is not ${typeof wrong[1] === 'string' ? wrong[1] : wrong[1].join(' or ')}`;
}

function fits(value: unknown, shape: Shape): boolean {
  if (typeof shape !== 'string') return typeof value === 'string' && shape.includes(value);
  switch (shape) {
    case 'id':
      return typeof value === 'string' && value !== '';
    case 'text':
      return typeof value === 'string';
    case 'text?':
      return value === null || typeof value === 'string';
    case 'moment?':
      return value === null || (value instanceof Date && !Number.isNaN(value.getTime()));
    case 'flag':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'points':
      return (
        Array.isArray(value) &&
        value.every((item) => isObject(item) && fits(item['value'], 'id') && fits(item['type'], 'text?'))
      );
    case 'fields':
      return (
        isObject(value) &&
        Object.values(value).every(
          (item) => isObject(item) && fits(item['name'], 'text') && fits(item['type'], 'text') && isJson(item['value']),
        )
      );
    case 'json':
      return isJson(value);
  }
}

/** What JSON gives back unchanged. */
export function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isObject(value) && Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
