import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { Deployment } from 'kubernetes-models/apps/v1'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { Role, RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1'
import { ConfigMap, PersistentVolumeClaim, Service, ServiceAccount } from 'kubernetes-models/v1'
import { parse } from 'yaml'

/** An object of Kubernetes as it stands in a file. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [key: string]: unknown
}

const MODELS = {
  ConfigMap,
  Deployment,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Service,
  ServiceAccount,
  ServiceMonitor,
}

/** Holds a manifest against the schema of the Kubernetes API. @throws {Error} what is wrong with it */
export function validate(manifest: Manifest): void {
  const Model = MODELS[manifest.kind as keyof typeof MODELS]
  if (Model === undefined) throw new Error(`there is no schema for ${manifest.kind} here`)
  const model = new Model(manifest as never)
  if (model.apiVersion !== manifest.apiVersion) throw new Error(`${manifest.kind} is of ${model.apiVersion}`)
  model.validate()
}

interface Kustomization {
  readonly namespace: string
  readonly resources: readonly string[]
  readonly images?: readonly { readonly name: string; readonly newName?: string; readonly newTag?: string }[]
}

/**
 * What `kubectl apply -k FOLDER` would send. Of kustomize it has what ours use: resources that are files, the namespace,
 * the names and tags of images.
 *
 * @throws {Error} where a kustomization uses more than that
 */
export function kustomized(folder: string): Manifest[] {
  const {
    apiVersion,
    kind,
    namespace,
    resources,
    images = [],
    ...others
  } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization & {
    apiVersion: string
    kind: string
  }
  if (apiVersion !== 'kustomize.config.k8s.io/v1beta1' || kind !== 'Kustomization' || Object.keys(others).length > 0) {
    throw new Error(`${folder}: what is ${[apiVersion, kind, ...Object.keys(others)].join(', ')}?`)
  }
  return resources.map((file) => {
    const text = readFileSync(join(folder, dirname(file), file), 'utf8')
    const manifest = parse(text, (key, value) => {
      const image = key === 'image' && images.find(({ name }) => name === value)
      return image ? `${image.newName ?? image.name}:${image.newTag}` : value
    }) as Manifest
    return { ...manifest, metadata: { ...manifest.metadata, namespace } }
  })
}
