{{/* A node of a group: root, name, role, settings. */}}
{{- define "varve.pod" -}}
{{- $values := .root.Values -}}
{{- $full := include "varve.fullname" .root -}}
metadata:
  labels:
    {{- include "varve.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
    varve/group: {{ .name }}
  annotations:
    # Nodes are started anew, one after the other, when their configuration changes.
    varve/config: {{ include "varve.config" . | sha256sum }}
    {{- with .settings.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "varve.serviceAccount" .root }}
  automountServiceAccountToken: false
  # A service called varve would be taken for the configuration: VARVE_PORT.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ int .settings.terminationGracePeriodSeconds }}
  {{- with $values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  {{- with .settings.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .settings.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  affinity:
    {{- if .settings.affinity }}
    {{- toYaml .settings.affinity | nindent 4 }}
    {{- else }}
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 100
          podAffinityTerm:
            topologyKey: kubernetes.io/hostname
            labelSelector:
              matchLabels:
                {{- include "varve.selector" .root | nindent 16 }}
                varve/group: {{ .name }}
    {{- end }}
  containers:
    - name: varve
      image: "{{ $values.image.repository }}:{{ default .root.Chart.AppVersion $values.image.tag }}"
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: [serve, --config, /etc/varve/varve.json, --roles, {{ .role }}]
      env:
        - name: POD_IP
          valueFrom: { fieldRef: { fieldPath: status.podIP } }
        - name: VARVE_CLUSTER__NAME
          valueFrom: { fieldRef: { fieldPath: metadata.name } }
        - name: VARVE_CLUSTER__URL
          value: http://$(POD_IP):8888
        # The network policy keeps strangers out.
        - name: VARVE_INSECURE
          value: "true"
        - name: NODE_OPTIONS
          value: --max-old-space-size={{ int .settings.heapMiB }}
        {{- include "varve.secretEnv" (dict "secret" $values.secret "name" "VARVE_CLUSTER__SECRET" "key" "cluster") | nindent 8 }}
        {{- include "varve.secretEnv" (dict "secret" $values.secret "name" "VARVE_CLUSTER__METADATA__URL" "key" "metadata") | nindent 8 }}
        {{- if $values.secret.keys.accessKeyId }}
        {{- include "varve.secretEnv" (dict "secret" $values.secret "name" "VARVE_CLUSTER__DEEP_STORAGE__CREDENTIALS__ACCESS_KEY_ID" "key" "accessKeyId") | nindent 8 }}
        {{- include "varve.secretEnv" (dict "secret" $values.secret "name" "VARVE_CLUSTER__DEEP_STORAGE__CREDENTIALS__SECRET_ACCESS_KEY" "key" "secretAccessKey") | nindent 8 }}
        {{- end }}
        {{- with .settings.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - { name: http, containerPort: 8888 }
      startupProbe:
        httpGet: { path: /status/health, port: http }
        periodSeconds: 2
        timeoutSeconds: 5
        failureThreshold: 300
      livenessProbe:
        httpGet: { path: /status/health, port: http }
        periodSeconds: 10
        timeoutSeconds: 10
        failureThreshold: 6
      # False until it knows what there is, and from SIGTERM on: it answers for http.drainDelayMs still, so that no preStop has to wait.
      readinessProbe:
        httpGet: { path: /status/ready, port: http }
        periodSeconds: 3
        timeoutSeconds: 5
        failureThreshold: 2
      resources: {{- toYaml .settings.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        - { name: data, mountPath: /var/lib/varve }
        - { name: config, mountPath: /etc/varve, readOnly: true }
        - { name: tmp, mountPath: /tmp }
  volumes:
    - name: config
      configMap: { name: {{ $full }}-{{ .name }} }
    - name: tmp
      emptyDir: {}
    {{- if not .settings.volume }}
    - name: data
      emptyDir: {}
    {{- end }}
{{- end }}

{{- define "varve.secretEnv" -}}
- name: {{ .name }}
  valueFrom: { secretKeyRef: { name: {{ .secret.name }}, key: {{ index .secret.keys .key | required (printf "secret.keys.%s: say which key of the secret it is" .key) }} } }
{{- end }}
