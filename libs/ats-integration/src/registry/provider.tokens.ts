import { Inject } from '@nestjs/common';

/** The DI token of one provider: `getAtsProviderToken('lever')`. */
export function getAtsProviderToken(id: string): string {
  return `AtsProvider:${id}`;
}

/** Injects one provider: `constructor(@InjectAtsProvider('lever') readonly lever: AtsProvider) {}`. */
export const InjectAtsProvider = (id: string): ParameterDecorator => Inject(getAtsProviderToken(id));
