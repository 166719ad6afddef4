{{/* The operator's whole configuration. A copilot uid of null is an empty variable: the cluster chooses. */}}
{{- define "containertask.env" -}}
- name: CONTAINERTASK_IMAGE
  value: {{ include "containertask.image" . | quote }}
- name: CONTAINERTASK_IMAGE_PULL_POLICY
  value: {{ .Values.image.pullPolicy | quote }}
{{- with .Values.copilot }}
- name: CONTAINERTASK_COPILOT_UID
  value: {{ kindIs "invalid" .uid | ternary "" (.uid | int64 | toString) | quote }}
- name: CONTAINERTASK_COPILOT_REQUESTS
  value: {{ .resources.requests | default dict | toJson | quote }}
- name: CONTAINERTASK_COPILOT_LIMITS
  value: {{ .resources.limits | default dict | toJson | quote }}
- name: CONTAINERTASK_DOWNLOAD_TIMEOUT
  value: {{ list "copilot.downloadTimeout" .downloadTimeout | include "containertask.duration" | quote }}
- name: CONTAINERTASK_UPLOAD_TIMEOUT
  value: {{ list "copilot.uploadTimeout" .uploadTimeout | include "containertask.duration" | quote }}
{{- end }}
- name: CONTAINERTASK_POD_SECURITY
  value: {{ .Values.podSecurity | quote }}
- name: CONTAINERTASK_ALLOW
  value: {{ .Values.allow | toJson | quote }}
- name: CONTAINERTASK_ACCELERATORS
  value: {{ .Values.accelerators | default dict | toJson | quote }}
- name: CONTAINERTASK_INTERRUPTIBLE
  value: {{ .Values.interruptible | default dict | toJson | quote }}
- name: CONTAINERTASK_DEFAULT_TTL
  value: "{{ with .Values.defaultTTL }}{{ include "containertask.duration" (list "defaultTTL" .) }}{{ end }}"
- name: CONTAINERTASK_IMAGE_PULL_GRACE
  value: {{ list "imagePullGrace" .Values.imagePullGrace | include "containertask.duration" | quote }}
- name: CONTAINERTASK_NODE_LOST_GRACE
  value: {{ list "nodeLostGrace" .Values.nodeLostGrace | include "containertask.duration" | quote }}
- name: CONTAINERTASK_NAMESPACES
  value: {{ join "," .Values.namespaces | quote }}
- name: CONTAINERTASK_LOG_LEVEL
  value: {{ .Values.log.level | quote }}
- name: CONTAINERTASK_LOG_FORMAT
  value: {{ .Values.log.format | quote }}
- name: CONTAINERTASK_LISTEN
  value: ":8080"
- name: CONTAINERTASK_POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: CONTAINERTASK_POD_UID
  valueFrom: {fieldRef: {fieldPath: metadata.uid}}
- name: CONTAINERTASK_POD_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
{{- range .Values.extraEnv }}
{{- if hasPrefix "CONTAINERTASK_" .name }}
{{- fail (printf "extraEnv: %s is the chart's own: set the value that it comes from (see README.md)" .name) }}
{{- end }}
{{- list . | toYaml | nindent 0 }}
{{- end }}
{{- end }}
