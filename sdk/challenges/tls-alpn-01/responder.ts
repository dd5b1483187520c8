/** The TLS server that answers tls-alpn-01 challenges. @see RFC 8737 §3 */
import type { Duplex } from "node:stream";
import { type SecureContext, TLSSocket } from "node:tls";

import type { Responder } from "../shared-listener";
import { createHelloReader } from "./client-hello";
import { ACME_TLS_1 } from "./server-name";

/** What the CA names in SNI → the certificate for it. */
export type ChallengeCertificates = Map<string, SecureContext>;

/** A fatal alert `no_application_protocol` in a record of its own. @see RFC 7301 §3.2 */
const NO_APPLICATION_PROTOCOL = Buffer.from([21, 3, 3, 0, 2, 2, 120]);

/**
 * Shows the challenge's certificate to clients that ask for `acme-tls/1` and nothing else; others get none. The
 * ClientHello is read before TLS begins, because Node chooses a certificate before it looks at the protocols, and shows
 * it to a client that names none.
 */
export function createResponder(): Responder<ChallengeCertificates> {
  const answers: ChallengeCertificates = new Map();
  return {
    answers,
    close: () => undefined,
    accept: (connection) => {
      const chunks: Buffer[] = [];
      const readMore = createHelloReader();
      const listen = (chunk: Buffer): void => {
        chunks.push(chunk);
        const hello = readMore(chunk);
        if (hello === "incomplete") return;
        connection.off("data", listen).pause();
        const secureContext =
          hello?.protocols.length === 1 && hello.protocols[0] === ACME_TLS_1
            ? answers.get(hello.serverName ?? "")
            : undefined;
        if (secureContext === undefined) {
          connection.end(hello === undefined ? undefined : NO_APPLICATION_PROTOCOL);
          connection.resume();
          return;
        }
        connection.unshift(Buffer.concat(chunks));
        shakeHands(connection, secureContext);
      };
      connection.on("data", listen);
    },
  };
}

/** No application data is spoken in this protocol: the connection is over when the certificate has been shown. */
function shakeHands(connection: Duplex, secureContext: SecureContext): void {
  const socket = new TLSSocket(connection, {
    isServer: true,
    secureContext,
    ALPNProtocols: [ACME_TLS_1],
  });
  socket.on("error", () => connection.destroy());
  socket.once("secure", () => {
    socket.resume();
  });
  // The CA closes first; other connections end by the time limit.
  socket.once("end", () => socket.end());
  socket.once("close", () => connection.destroy());
}
