{{- define "varve.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "varve.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "varve.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "varve.selector" . }}
{{- end }}

{{- define "varve.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "varve.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{/* All groups of nodes, as a YAML list below `groups`: what each is called, its role, and its settings. */}}
{{- define "varve.groups" -}}
{{- $groups := list
  (dict "name" "coordinator" "role" "coordinator" "settings" .Values.coordinator)
  (dict "name" "broker" "role" "broker" "settings" .Values.broker)
-}}
{{- range $name, $own := .Values.historicals -}}
{{- $settings := mergeOverwrite (deepCopy $.Values.historicalDefaults) (default dict $own) -}}
{{- $groups = append $groups (dict "name" (printf "historical-%s" $name) "role" "historical" "settings" $settings) -}}
{{- end -}}
{{- if gt (int .Values.realtime.replicas) 0 -}}
{{- $groups = append $groups (dict "name" "realtime" "role" "realtime" "settings" .Values.realtime) -}}
{{- end -}}
{{- dict "groups" $groups | toYaml -}}
{{- end }}

{{/* The configuration file of a group. */}}
{{- define "varve.config" -}}
{{- $cluster := dict "deepStorage" .root.Values.deepStorage -}}
{{- with .settings.tier }}{{ $_ := set $cluster "tier" . }}{{ end -}}
{{- with .settings.priority }}{{ $_ := set $cluster "priority" (int .) }}{{ end -}}
{{- with .settings.diskBytes }}{{ $_ := set $cluster "diskBytes" . }}{{ end -}}
{{- $own := dict "http" (dict "drainDelayMs" (int .settings.drainDelayMs)) "cluster" $cluster -}}
{{- mergeOverwrite (deepCopy .root.Values.config) $own (deepCopy (default dict .settings.config)) | toPrettyJson -}}
{{- end }}
