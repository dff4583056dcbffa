import { Inject } from '@nestjs/common';

/** The DI token of one provider: `getAtsProviderToken('acme')`. */
export function getAtsProviderToken(id: string): string {
  return `AtsProvider:${id}`;
}

/** Injects one provider: `constructor(@InjectAtsProvider('acme') readonly acme: AtsProvider) {}`. */
export const InjectAtsProvider = (id: string): ParameterDecorator => Inject(getAtsProviderToken(id));
