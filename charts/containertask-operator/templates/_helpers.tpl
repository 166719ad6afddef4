{{- define "containertask.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "containertask.fullname" -}}
{{- $name := include "containertask.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "containertask.selectorLabels" -}}
app.kubernetes.io/name: {{ include "containertask.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "containertask.labels" -}}
{{ include "containertask.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: containertask
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "containertask.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "containertask.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "containertask.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end }}

{{/* What the operator may do with the objects it serves: in the ClusterRole, or in a Role a namespace. */}}
{{- define "containertask.rules" -}}
- apiGroups: [containertask.dev]
  resources: [containertasks]
  verbs: [get, list, watch, delete]
- apiGroups: [containertask.dev]
  resources: [containertasks/status]
  verbs: [update]
- apiGroups: [containertask.dev]
  resources: [artifactstores, containertasktemplates]
  verbs: [list, watch]
- apiGroups: [containertask.dev]
  resources: [artifactstores/status, containertasktemplates/status]
  verbs: [update]
- apiGroups: [""]
  resources: [pods]
  verbs: [create, get, list, watch, patch, delete]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [create]
- apiGroups: [""]
  resources: [podtemplates]
  verbs: [get]
- apiGroups: [""]
  resources: [events]
  verbs: [create, list]
{{- end }}

{{- define "containertask.subjects" -}}
- kind: ServiceAccount
  name: {{ include "containertask.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* A duration as it is, given as a list of the value's name and the value; anything else is refused. */}}
{{- define "containertask.duration" -}}
{{- $pattern := "^([0-9]+h([0-9]+m)?([0-9]+s)?|[0-9]+m([0-9]+s)?|[0-9]+s)$" -}}
{{- if not (regexMatch $pattern (last .)) -}}
{{- $cure := "write hours, minutes, seconds, such as 30s, 5m or 1h30m" -}}
{{- fail (printf "%s: %q is no duration: %s" (first .) (last .) $cure) -}}
{{- end -}}
{{- last . -}}
{{- end }}
