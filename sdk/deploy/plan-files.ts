/** Which files a deployment has, and where: known before there is a certificate. Pure; `check` loads it. */
import { type FileContent, type FileRequest, holdsKey } from "./file-request";
import { filesOfServices, type ServiceArgument } from "./services/together";

/** The files that will be there: absolute paths, and without a key none that hold one. */
export function filesOf(
  request: {
    readonly directory: string;
    /** Absent: the service's. */
    readonly files?: readonly FileRequest[];
    readonly service?: ServiceArgument;
  },
  withKey: boolean,
): FileRequest[] {
  const files: readonly FileRequest[] = request.files ?? filesOfServices(request.service);
  return files
    .filter(({ content }) => withKey || !holdsKey(content))
    .map((file) => ({ ...file, path: absolute(file.path, request.directory) }));
}

/** Content to path, the first file of each content. */
export function pathsOf(files: readonly FileRequest[]): Partial<Record<FileContent, string>> {
  const paths: Partial<Record<FileContent, string>> = {};
  for (const { content, path } of files) paths[content] ??= path;
  return paths;
}

function absolute(path: string, directory: string): string {
  if (path.startsWith("/")) return path;
  return directory === "/" ? `/${path}` : `${directory}/${path}`;
}
