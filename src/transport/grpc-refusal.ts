import type { RefusalData } from './auth.exceptions.js';

/** Of `@grpc/grpc-js`, which is not loaded here. */
interface GrpcMetadata {
  set(name: string, value: string): void;
}

/** What gRPC makes of an error of a handler: its status, the words, and the metadata behind the answer. */
interface GrpcRefusal {
  readonly code: number;
  readonly message: string;
  readonly metadata: GrpcMetadata;
}

/** The status of gRPC for one of HTTP, as `google/rpc/code.proto` pairs them. */
const GRPC_STATUS: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 5, // NOT_FOUND
  409: 10, // ABORTED
  429: 8, // RESOURCE_EXHAUSTED
  503: 14, // UNAVAILABLE
};
const FAILED_PRECONDITION = 9;
const INTERNAL = 13;

/**
 * A refusal in gRPC, which knows numbers alone as codes and calls everything else `UNKNOWN`. Our own code stands in the
 * metadata of the answer, beside what else a client needs.
 * @param status of HTTP
 * @param carrier the second argument of a handler: of gRPC it is the metadata of the call
 * @returns undefined where the message did not come by gRPC
 */
export function grpcRefusal(
  { message, ...data }: RefusalData,
  status: number,
  carrier: unknown,
): GrpcRefusal | undefined {
  if (!isGrpcMetadata(carrier)) return undefined;
  const metadata = new (carrier.constructor as new () => GrpcMetadata)();
  for (const [name, value] of Object.entries(data)) metadata.set(name, String(value));
  return { code: GRPC_STATUS[status] ?? (status < 500 ? FAILED_PRECONDITION : INTERNAL), message, metadata };
}

/** The contexts of all other transports have no such methods. */
const isGrpcMetadata = (carrier: unknown): carrier is GrpcMetadata =>
  typeof carrier === 'object' && carrier !== null && 'getMap' in carrier && 'set' in carrier;
