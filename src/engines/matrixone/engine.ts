import { Fault } from '../../kernel/index.ts';
import type { EngineFactory } from '../wire/connector.ts';

export const matrixoneEngine: EngineFactory = () =>
  Promise.reject(new Fault('UNSUPPORTED_SERVER', 'MatrixOne is not built yet'));
