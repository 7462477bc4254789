import type { OpenEngine } from '../runtime/index.ts';

/** Opens servers, and says of each that is not checked, once, that it is not. */
export function tellUnverified(open: OpenEngine, tell: (text: string) => void): OpenEngine {
  const told = new Set<string>();
  return (url, options, signal) => {
    const text = url.reveal();
    const { host, searchParams } = URL.canParse(text) ? new URL(text) : { host: '', searchParams: undefined };
    if (searchParams?.get('tls') === 'skip-verify' && !told.has(host)) {
      told.add(host);
      tell(`${host} is not checked (tls=skip-verify): whoever stands in between can read and change everything`);
    }
    return open(url, options, signal);
  };
}
