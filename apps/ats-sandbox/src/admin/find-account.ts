import type { Request } from 'express';
import type { z } from 'zod';
import type { SandboxParts } from '../server/sandbox-parts.js';
import type { SimulatedAccount } from '../simulator.js';
import { AdminError } from './admin-error.js';

/** The account that a path names. */
export function findAccount({ accounts }: SandboxParts, request: Request): SimulatedAccount {
  const id = request.params['id'];
  const account = typeof id === 'string' ? accounts.get(id) : undefined;
  if (account === undefined) throw new AdminError(404, `There is no account "${String(id)}".`);
  return account;
}

export function readAdmin<Shape extends z.ZodType>(schema: Shape, value: unknown): z.output<Shape> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'The value'}: ${message}.`);
  throw new AdminError(400, sentences.join(' '));
}

/** Accounts and registries refuse by throwing a sentence; that is the sender's mistake and not the sandbox's. */
export function refusing<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw asAdminError(error);
  }
}

/** As `refusing`, for what takes a while. */
export async function refusingLater<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw asAdminError(error);
  }
}

function asAdminError(error: unknown): unknown {
  return error instanceof Error && error.constructor === Error ? new AdminError(400, error.message) : error;
}
