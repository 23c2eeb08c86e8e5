{{/* What a pod is known by. */}}
{{- define "homeostat.selector" -}}
app.kubernetes.io/name: homeostat
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "homeostat.labels" -}}
{{ include "homeostat.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The configuration file; namespaces in which it may act are opened in it. */}}
{{- define "homeostat.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if .Values.remediation.namespaces -}}
{{- $opened := dict "actions" (dict "kubernetes" (dict "namespaces" .Values.remediation.namespaces)) -}}
{{- $config = mergeOverwrite $config $opened -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}
