import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { AppConfig } from './app-config.js';

/** Gives `AppConfig` to every module. The environment was read and checked before the container existed, so nothing here touches `process.env`. */
@Module({})
export class ConfigurationModule {
  static forRoot(config: AppConfig): DynamicModule {
    const registration = registerAs('app', () => config);
    return {
      module: ConfigurationModule,
      global: true,
      imports: [
        ConfigModule.forRoot({
          ignoreEnvFile: true,
          ignoreEnvVars: true,
          validatePredefined: false,
          skipProcessEnv: true,
          load: [registration],
        }),
      ],
      providers: [{ provide: AppConfig, useExisting: registration.KEY }],
      exports: [AppConfig],
    };
  }
}
