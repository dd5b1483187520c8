import { execSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { it } from "vitest";
import { applyPlan } from "../../sdk/deploy";
import { withHost } from "../../sdk/hosts";
import { startSshd } from "../support/sshd";
import { cuttable } from "./cuttable";
import { join } from "node:path";
import { listener, places, planIn, snapshot, logged } from "./deploy-host";
it("stress", async () => {
  for (let i = 0; i < 100; i++) {
  const { folder, beside, remove } = await places();
  const sshd = await startSshd();
  const way = await cuttable(sshd.port);
  let step = "";
    const t = setTimeout(() => {
      appendFileSync("/tmp/hang.log", ["HANG at", i, step, way.sent(), execSync("ps -eo pid,ppid,stat,wchan:20,etimes,args --forest | cut -c1-150 | grep -v vitest").toString(),
      sshd.log().split("\n").slice(-15).join("\n"),
      execSync(`ls -laR '${folder.replaceAll("'", "'\\''")}'`).toString()].join("\n"));
    }, 20000);
    const target = { ...sshd.connection, port: way.port };
    const dep = (v: string, more = {}) => withHost(target, (host) => applyPlan(host, planIn(folder, v, more), { ...listener() }));
    step = "1"; await dep("1");
    step = "2";
    const before = JSON.stringify(await snapshot(folder));
    const started = join(beside, "started");
    const reload = logged(join(beside, "reload"));
    const test = `touch '${started}'; sleep 1`;
    const deployed = dep("2", { test, reload: reload.command });
    const cut = (async () => {
      while ((await stat(started).catch(() => undefined)) === undefined) await sleep(20);
      way.cut();
    })();
    await deployed.catch(() => undefined);
    step = "3"; await cut;
    step = "4"; while (JSON.stringify(await snapshot(folder).catch(() => "")) !== before) await sleep(50);
    clearTimeout(t);
  await way.close();
  await sshd.stop(); await remove();
  appendFileSync("/tmp/hang.log", `ok ${i}\n`);
  }
}, 380000);
