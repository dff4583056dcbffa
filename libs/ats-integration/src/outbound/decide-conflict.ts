import type { ConflictPolicy } from '../connections/connection-settings.js';
import { isSamePlace } from './standing.js';
import type { Standing } from './standing.js';

/**
 * Pure: whether a move that was made here goes on although the ATS no longer has the application where the mover saw it.
 * By `newest` the later of the two counts; when the ATS does not say when it was, its own word counts.
 */
export function goesOn(seen: Standing, now: Standing, requestedAt: Date, policy: ConflictPolicy): boolean {
  if (isSamePlace(seen, now) || policy === 'elly-wins') return true;
  if (policy === 'ats-wins' || now.updatedAt === null) return false;
  return Date.parse(now.updatedAt) <= requestedAt.getTime();
}
