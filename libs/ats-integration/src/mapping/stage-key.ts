import type { StageRecord } from '../contract/records.js';

/**
 * What a stage mapping is keyed by. Where stages belong to the account, the stage itself; where every job has its own,
 * the stage's name, so that one mapping carries to all jobs that use the same names.
 */
export function stageKeyOf(stage: Pick<StageRecord, 'remoteId' | 'name' | 'jobRemoteId'>): string {
  return stage.jobRemoteId === null ? `id:${stage.remoteId}` : nameKey(stage.name);
}

/** The key of a stage of which only the name is known. */
export function nameKey(name: string): string {
  return `name:${normaliseName(name)}`;
}

/** What the override of one job is keyed by, where every job has its own stages. */
export function jobKey(jobRemoteId: string, key: string): string {
  return `job:${jobRemoteId}:${key}`;
}

/** Case, accents, punctuation and spacing do not make two stages different. */
export function normaliseName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
