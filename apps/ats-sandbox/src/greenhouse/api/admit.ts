import type { Request, Response } from 'express';
import type { GreenhouseAccount } from '../greenhouse-account.js';
import type { GrantedAccess } from '../../simulator.js';

/** Lets a request on, or throws the vendor's refusal. */
export type Admit = (
  request: Request,
  response: Response,
  route: string,
  scope: string,
) => { readonly account: GreenhouseAccount; readonly access: GrantedAccess };
