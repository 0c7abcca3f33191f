{{- define "chalkstream.name" -}}
{{- if contains "chalkstream" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-chalkstream" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "chalkstream.selector" -}}
app.kubernetes.io/name: chalkstream
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "chalkstream.labels" -}}
{{ include "chalkstream.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "chalkstream.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}
{{- end }}

{{/* What every container of ours runs as. */}}
{{- define "chalkstream.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* The configuration file: what the values say, and what the chart knows. */}}
{{- define "chalkstream.configuration" -}}
{{- $ours := dict
  "monitoring" (dict "listen" ":9464")
  "state_dir" "/var/lib/chalkstream"
  "privacy" (dict "key_file" (printf "/run/secrets/chalkstream-privacy/%s" .Values.privacy.key))
  "engine" (dict "drain_grace" (printf "%ds" (int .Values.drainGraceSeconds))) }}
{{- $usual := dict "log" (dict "format" "json") "engine" (dict "slots" (int .Values.cpus) "prepare_threads" (int .Values.cpus)) }}
{{- $all := mustMergeOverwrite $usual (deepCopy .Values.configuration) $ours }}
{{- toYaml $all }}
{{- end }}
