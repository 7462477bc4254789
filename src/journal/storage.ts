/** A journal's file as a port. Offsets and lengths are bytes. */
export interface Storage {
  read(): Promise<Buffer>;
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was appended survives a loss of power. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}
