import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AttachmentRow } from '../data/rows.js';
import type { GreenhouseKnobs } from '../knobs.js';

/** Whose files they are. */
export interface FileOwner {
  readonly id: string;
  readonly secret: string;
  greenhouseKnobs(): Pick<GreenhouseKnobs, 'attachmentsExpireSeconds'>;
}

/** A link to a file that is good for a while, as the vendor's are for seven days. */
export function signedLink(account: FileOwner, file: AttachmentRow, origin: string, nowMs: number): string {
  const expires = Math.floor(nowMs / 1000) + account.greenhouseKnobs().attachmentsExpireSeconds;
  const path = `/files/greenhouse/${account.id}/${file.id}/${encodeURIComponent(file.filename)}`;
  return `${origin}${path}?expires=${expires}&signature=${signature(account, file.id, expires)}`;
}

export function linkIsGood(account: FileOwner, fileId: number, expires: string, given: string, nowMs: number): boolean {
  const seconds = Number(expires);
  if (!Number.isFinite(seconds) || nowMs > seconds * 1000) return false;
  const right = Buffer.from(signature(account, fileId, seconds));
  const wrong = Buffer.from(given);
  return right.length === wrong.length && timingSafeEqual(right, wrong);
}

function signature(account: FileOwner, fileId: number, expires: number): string {
  return createHmac('sha256', account.secret).update(`${account.id} ${fileId} ${expires}`).digest('hex');
}
