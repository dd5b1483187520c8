/** Sites as people write them, one for each form that the text can take. Shared by the golden test and the test on real nginx. */
import type { NginxSiteConfig } from "../../../sdk/nginx";

export const THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

const tls = {
  certificate: "/etc/ssl/example/fullchain.pem",
  certificateKey: "/etc/ssl/example/privkey.pem",
};

export const sites: Readonly<Record<string, NginxSiteConfig & { nginxVersion?: string }>> = {
  "challenge-before-the-certificate": {
    serverNames: ["example.com", "www.example.com"],
    challenge: { thumbprint: THUMBPRINT },
    redirectToHttps: true,
  },
  "tls-after-the-certificate": {
    serverNames: ["example.com", "www.example.com"],
    tls,
    listen: { http: false },
    root: "/var/www/example",
    nginxVersion: "1.27.4",
  },
  "both-blocks-in-one-file": {
    serverNames: ["example.com"],
    challenge: { thumbprint: THUMBPRINT },
    tls: { ...tls, hsts: true },
    proxyPass: "http://127.0.0.1:3000",
    nginxVersion: "1.22.1",
  },
  "version-not-known": { serverNames: ["example.com"], tls, root: "/var/www/example" },
  "same-content-on-both-ports": {
    serverNames: ["example.com"],
    challenge: { webroot: "/var/lib/acme/challenges" },
    tls,
    redirectToHttps: false,
    root: "/var/www/example",
    extraConfig: "auth_request /authorize;\nindex index.html index.htm;",
    nginxVersion: "1.25.1",
  },
  "challenge-answered-elsewhere": {
    serverNames: ["example.com"],
    challenge: { proxyPass: "http://127.0.0.1:8402" },
  },
  "other-ports-and-one-address": {
    serverNames: ["192.0.2.7", "2001:0DB8:0::7"],
    tls,
    listen: { http: 8080, https: 8443, address: "127.0.0.1", ipv6: true, http2: false },
    root: "/srv",
  },
  "names-of-all-kinds": {
    serverNames: [
      "Bücher.Example.",
      "*.example.com",
      "EXAMPLE.com",
      "example.com",
      "[2001:db8::1]",
    ],
    listen: { ipv6: false },
    root: "/srv/with space; and {braces}",
  },
  "two-certificates-and-own-settings": {
    serverNames: ["example.com"],
    tls: {
      certificate: ["/etc/ssl/example/ecdsa.pem", "/etc/ssl/example/rsa.pem"],
      certificateKey: ["/etc/ssl/example/ecdsa.key", "/etc/ssl/example/rsa.key"],
      protocols: ["TLSv1.3"],
      ciphers: "ECDHE+AESGCM:!aNULL",
      hsts: { maxAge: "730d", includeSubDomains: true, preload: true },
      sessionCache: "shared:own:2m",
    },
    extraConfig: "ssl_session_timeout 5m; # the default is left out",
    nginxVersion: "1.29.0",
  },
  "force-redirects-to-tls": { serverNames: ["example.com"], tls, root: "/srv" },
  "add-serves-both": { serverNames: ["example.com"], tls, redirectToHttps: false, root: "/srv" },
  "only-serves-tls": { serverNames: ["example.com"], tls, listen: { http: false }, root: "/srv" },
  "reject-refuses-tls": {
    serverNames: ["_"],
    rejectHandshake: true,
    defaultServer: true,
    extraConfig: "return 444;",
  },
  "default-server": {
    serverNames: ["example.com"],
    tls,
    defaultServer: true,
    root: "/srv",
  },
  "servers-behind-with-websockets": {
    serverNames: ["app.example.com", "example.com"],
    tls,
    proxyPass: "http://app_servers",
    websocket: true,
    upstreams: [
      {
        name: "app_servers",
        loadBalancing: "least_conn",
        keepalive: 16,
        servers: [
          "127.0.0.1:3000",
          { address: "[::1]:3000", weight: 2, maxFails: 3, failTimeout: "30s" },
          { address: "unix:/run/app.sock", down: true },
          { address: "192.0.2.9", backup: true },
        ],
      },
      { name: "api.internal", servers: ["127.0.0.1:4000"], keepalive: 4 },
    ],
    locations: [
      { path: "/api/", proxyPass: "http://api.internal" },
      { path: "/live", proxyPass: "http://api.internal/", websocket: true },
      { path: "/plain", proxyPass: "http://127.0.0.1:5000" },
    ],
  },
  "certificates-of-clients": {
    serverNames: ["example.com"],
    tls: {
      ...tls,
      clientCertificate: { ca: "/etc/ssl/example/fullchain.pem", verify: "optional", depth: 2 },
    },
    root: "/srv",
  },
  "stapled-answers": {
    serverNames: ["example.com"],
    tls: {
      ...tls,
      ocspStapling: true,
      trustedCertificate: "/etc/ssl/example/fullchain.pem",
    },
    root: "/srv",
    extraConfig: "resolver 127.0.0.53;",
  },
  "stream-with-tls": {
    serverNames: ["mail.example.com"],
    tls: { ...tls, clientCertificate: { ca: "/etc/ssl/example/fullchain.pem" } },
    stream: { port: 9993, proxyPass: "imap_servers", proxyProtocol: true },
    upstreams: [{ name: "imap_servers", servers: ["127.0.0.1:143"], loadBalancing: "random" }],
    extraConfig: "proxy_timeout 1h;",
  },
  "stream-in-clear": {
    serverNames: ["mail.example.com"],
    stream: { port: 9143, proxyPass: "127.0.0.1:143" },
    listen: { address: "127.0.0.1" },
  },
  "locations-of-all-kinds": {
    serverNames: ["example.com"],
    tls: { ...tls, hsts: { maxAge: "180d" } },
    locations: [
      { path: "= /health", return: "200 ok" },
      { path: "/old", return: "301 https://$host/new$is_args$args" },
      { path: "/text", return: String.raw`200 "{\"a\": \"b\"}\n"` },
      { path: "/gone", return: "410" },
      { path: "^~ /static/", root: "/srv", extraConfig: "expires 7d;\nadd_header Vary Origin;" },
      {
        path: "/api/",
        proxyPass: "https://127.0.0.1:9443/v1/",
        extraConfig:
          'proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection "upgrade";',
      },
      { path: String.raw`~* \.(?:png|jpe?g)$`, root: "/srv/images" },
      { path: "@app", proxyPass: "http://unix:/run/app.sock" },
    ],
    nginxVersion: "1.25.0",
  },
};
